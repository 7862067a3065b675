{{- define "proxy.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* The client's configuration. Text values are quoted as TOML takes them, which is how JSON does. */}}
{{- define "proxy.config" -}}
{{- $proxy := index .Values.manifests "spectro-proxy" -}}
serverAddr = {{ $proxy.server | toJson }}
serverPort = {{ $proxy.port }}
loginFailExit = false
transport.protocol = {{ $proxy.protocol | toJson }}
{{- if $proxy.tokenSecret }}
auth.method = "token"
auth.token = "{{ "{{ .Envs.FRP_TOKEN }}" }}"
{{- end }}

[[proxies]]
name = {{ printf "%s-kubernetes" $proxy.subdomain | toJson }}
type = "https"
subdomain = {{ $proxy.subdomain | toJson }}
localIP = "kubernetes.default.svc"
localPort = 443
{{- with $proxy.vmDashboardIntegration }}
{{- if .enabled }}

[[proxies]]
name = {{ printf "%s-vm-dashboard" $proxy.subdomain | toJson }}
type = "http"
subdomain = {{ printf "vm-%s" $proxy.subdomain | toJson }}
localIP = {{ .service | default "vm-dashboard.vm-dashboard.svc" | toJson }}
localPort = {{ .port | default 80 }}
{{- end }}
{{- end }}
{{- end }}
