package template

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

const mebibyte = 1 << 20 // below it KubeVirt takes no memory for a guest

// cpuOf counts the vCPUs that a domain asks for; 0 where it does not say. KubeVirt looks at the limit before the request.
func cpuOf(domain map[string]any) int64 {
	if sockets, cores, threads, said := topology(domain); said {
		return sockets * cores * threads
	}
	for _, part := range []string{"limits", "requests"} {
		if q, ok := quantity(dig(domain, "resources", part)["cpu"]); ok {
			return q.Value()
		}
	}
	return 0
}

func topology(domain map[string]any) (sockets, cores, threads int64, said bool) {
	cpu := dig(domain, "cpu")
	count := func(key string) int64 {
		q, ok := quantity(cpu[key])
		if !ok || q.Value() < 1 {
			return 1
		}
		said = true
		return q.Value()
	}
	sockets, cores, threads = count("sockets"), count("cores"), count("threads")
	return sockets, cores, threads, said
}

// memoryOf is the memory in bytes that a domain asks for; 0 where it does not say.
func memoryOf(domain map[string]any) int64 {
	if q, ok := quantity(dig(domain, "memory")["guest"]); ok {
		return q.Value()
	}
	if q, ok := quantity(dig(domain, "resources", "requests")["memory"]); ok {
		return q.Value()
	}
	return 0
}

// quantity reads a number or a quantity as manifests have them.
func quantity(v any) (resource.Quantity, bool) {
	if v == nil {
		return resource.Quantity{}, false
	}
	q, err := resource.ParseQuantity(fmt.Sprint(v))
	return q, err == nil
}

// setCPU gives a domain that many vCPUs: as cores, in the sockets and threads that the template has.
func setCPU(domain map[string]any, n int64) (reason string) {
	sockets, _, threads, said := topology(domain)
	limit, limited := quantity(dig(domain, "resources", "limits")["cpu"])
	switch {
	case n < 1:
		return "a VM needs at least 1 CPU."
	case n%(sockets*threads) != 0:
		return fmt.Sprintf("%d CPUs do not fit the template's topology (sockets: %d, threads: %d): take a multiple of %d.", n, sockets, threads, sockets*threads)
	case limited && n > limit.Value():
		return fmt.Sprintf("the template allows %s at most.", cpus(limit.Value()))
	}
	need(domain, "cpu")["cores"] = n / (sockets * threads)
	if requests := dig(domain, "resources", "requests"); !said && requests["cpu"] != nil {
		requests["cpu"] = fmt.Sprint(n)
	}
	return ""
}

func cpus(n int64) string {
	if n == 1 {
		return "1 CPU"
	}
	return fmt.Sprintf("%d CPUs", n)
}

// parseMemory reads an amount of memory as people type it.
func parseMemory(typed string) (q resource.Quantity, reason string) {
	q, err := resource.ParseQuantity(strings.TrimSpace(typed))
	switch {
	case err != nil:
		return q, fmt.Sprintf("%q is no amount of memory like 512Mi or 4Gi.", typed)
	case q.Sign() <= 0:
		return q, "memory must be more than nothing, as in 512Mi or 4Gi."
	case q.Cmp(*resource.NewQuantity(mebibyte, resource.BinarySI)) < 0:
		return q, fmt.Sprintf("%q is less than 1Mi; a unit may be missing, as in 512Mi or 4Gi.", typed)
	}
	return q, ""
}

// setMemory gives a domain that much memory where the template says how much it has. Where it requests less than the guest sees, or more,
// that stays in proportion.
func setMemory(domain map[string]any, q resource.Quantity) (reason string) {
	if limit, ok := quantity(dig(domain, "resources", "limits")["memory"]); ok && q.Cmp(limit) > 0 {
		return fmt.Sprintf("the template allows %s at most.", limit.String())
	}
	if limit, ok := quantity(dig(domain, "memory")["maxGuest"]); ok && q.Cmp(limit) > 0 {
		return fmt.Sprintf("the template allows %s at most.", limit.String())
	}
	guest, hasGuest := quantity(dig(domain, "memory")["guest"])
	request, hasRequest := quantity(dig(domain, "resources", "requests")["memory"])
	switch {
	case hasGuest && hasRequest && guest.Value() > 0:
		share := float64(request.Value()) / float64(guest.Value())
		need(domain, "resources", "requests")["memory"] = resource.NewQuantity(int64(share*float64(q.Value())), resource.BinarySI).String()
	case hasRequest && !hasGuest:
		need(domain, "resources", "requests")["memory"] = q.String()
		return ""
	}
	need(domain, "memory")["guest"] = q.String()
	return ""
}
