package dataset

import (
	"fmt"
	"net/http"
)

// onlySecure is a client that follows no redirection from https to anything else: checksums find a changed file, and nothing would find
// who reads what is fetched. Nil stands for [http.DefaultClient].
func onlySecure(client *http.Client) *http.Client {
	if client == nil {
		client = http.DefaultClient
	}
	secure, earlier := *client, client.CheckRedirect
	secure.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		switch last := via[len(via)-1].URL; {
		case last.Scheme == "https" && next.URL.Scheme != "https":
			return permanentError{fmt.Errorf("redirects to %s, which is not encrypted; -url names a mirror", next.URL.Redacted())}
		case earlier != nil:
			return earlier(next, via)
		case len(via) >= 10: // as net/http has it
			return permanentError{fmt.Errorf("redirects %d times", len(via))}
		}
		return nil
	}
	return &secure
}
