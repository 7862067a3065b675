package kube

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// Explain puts a failed call into a sentence: what was tried, why it failed and what to do next. what reads like "start team-a/db-1".
func Explain(err error, what string) string {
	if err == nil {
		return ""
	}
	text := shorten(causeOf(err))
	if text == "" {
		text = "the server gave no reason"
	}
	switch Classify(err) {
	case KindForbidden:
		return fmt.Sprintf("%s: not permitted: %s. Ask an administrator for a role that grants it.", what, text)
	case KindVirtAPIDenied:
		return fmt.Sprintf("%s: not permitted by KubeVirt: %s. Ask an administrator for a role that grants it.", what, text)
	case KindUnauthorized:
		if _, plugin, ok := strings.Cut(text, credentials); ok {
			return fmt.Sprintf("%s: the credential plugin brought no login: %s. Log in again as your cluster asks for.", what, plugin)
		}
		return fmt.Sprintf("%s: the API server does not accept the login: %s. Log in again as your cluster asks for.", what, text)
	case KindNotFound:
		return fmt.Sprintf("%s: it does not exist any more: %s.", what, text)
	case KindNoKubeVirt:
		return fmt.Sprintf("%s: this cluster does not serve KubeVirt's API.", what)
	case KindUnsupported:
		return fmt.Sprintf("%s: this version of KubeVirt does not have the operation.", what)
	case KindConflict:
		return fmt.Sprintf("%s: not possible in the present state: %s.", what, text)
	case KindInvalid:
		return fmt.Sprintf("%s: the API server refused the request: %s.", what, text)
	case KindWebhookRefused:
		return fmt.Sprintf("%s: refused by KubeVirt: %s.", what, webhookText(text))
	case KindTooManyRequests:
		if after := RetryAfter(err); after > 0 {
			return fmt.Sprintf("%s: the API server has too much to do; try again in %s.", what, after)
		}
		return fmt.Sprintf("%s: the API server has too much to do; try again in a moment.", what)
	case KindTimeout:
		return fmt.Sprintf("%s: no answer in time. It may have been done all the same: look at the list before you try again.", what)
	case KindUnreachable:
		return fmt.Sprintf("%s: the API server cannot be reached: %s. Check network, VPN and proxy.", what, text)
	case KindAPIServiceUnavailable:
		return fmt.Sprintf("%s: the API server's backend for this API does not answer (503): %s. Is virt-api running?", what, text)
	case KindCanceled:
		return fmt.Sprintf("%s: given up.", what)
	}
	return fmt.Sprintf("%s: failed: %s.", what, text)
}

// causeOf is the innermost account of what went wrong: the server's words, or those of the network.
func causeOf(err error) string {
	if s := statusOf(err); s != nil {
		return serverText(s)
	}
	var call *url.Error
	if errors.As(err, &call) {
		return call.Err.Error()
	}
	return err.Error()
}

var (
	internalPrefix = regexp.MustCompile(`^(Internal error occurred: )+`)
	cannotFulfil   = regexp.MustCompile(`^Operation cannot be fulfilled on [^:]+: `)
	webhookPrefix  = regexp.MustCompile(`^.*admission webhook "[^"]+" denied the request: `)
)

// shorten takes away the server's preambles and the full stop.
func shorten(text string) string {
	text = strings.TrimSpace(strings.Map(printable, text))
	text = internalPrefix.ReplaceAllString(text, "")
	text = cannotFulfil.ReplaceAllString(text, "")
	const most = 400
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return strings.TrimRight(text, ".\n ")
}

// printable replaces control characters, which other tenants can bring into a server's message and a terminal would obey.
func printable(r rune) rune {
	if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
		return ' '
	}
	return r
}

func webhookText(text string) string { return shorten(webhookPrefix.ReplaceAllString(text, "")) }
