package deck

import (
	"fmt"
	"time"

	"vmdeck.dev/vmdeck/kube"
	"vmdeck.dev/vmdeck/ui/sheet"
	"vmdeck.dev/vmdeck/ui/text"
)

// ConnectionNotice says that what is on the screen may be old, since when, and what can be done; false while the connection is live. old
// is that in a few words, as in "the list is from then".
func ConnectionNotice(status kube.HealthStatus, now time.Time, old string) (sheet.Words, bool) {
	age := text.Age(max(0, now.Sub(status.Since)))
	switch status.State {
	case kube.Lost:
		return sheet.Bad(fmt.Sprintf("Connection lost %s ago: %s. R tries now. %s", age, old, status.Reason)), true
	case kube.Expired:
		return sheet.Bad(fmt.Sprintf("Login no longer accepted for %s. Log in again; R tries now. vmdeck goes on by itself once that has worked.", age)), true
	}
	return sheet.Words{}, false
}
