{{- define "vmo.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* Says "true" unless the object exists and belongs to somebody else: what others made is neither taken over nor, later, deleted. */}}
{{- define "vmo.ours" -}}
{{- $live := lookup .apiVersion .kind .namespace .name -}}
{{- $notes := dig "metadata" "annotations" dict $live -}}
{{- if not $live -}}true
{{- else if and (eq (get $notes "meta.helm.sh/release-name") .root.Release.Name) (eq (get $notes "meta.helm.sh/release-namespace") .root.Release.Namespace) -}}true
{{- end -}}
{{- end }}

{{/* Says "true" when a VmTemplate of that name may be written. Before the kind is served there is none of somebody else. */}}
{{- define "vmo.template" -}}
{{- if not (.root.Capabilities.APIVersions.Has "spectrocloud.com/v1/VmTemplate") -}}true
{{- else -}}
{{- include "vmo.ours" (dict "root" .root "apiVersion" "spectrocloud.com/v1" "kind" "VmTemplate" "namespace" "" "name" .name) -}}
{{- end -}}
{{- end }}
