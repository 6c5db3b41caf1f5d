package numtest

import (
	"fmt"
	"strings"
	"testing"
)

// Panics fails unless do panics with a message that begins with prefix, such as the name of the package under test; an empty prefix allows
// any message. The argument what names what do does.
func Panics(t testing.TB, what, prefix string, do func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := recover(); got == nil || !strings.HasPrefix(fmt.Sprint(got), prefix) {
			t.Errorf("%s: panicked with %v, want %q", what, got, prefix+"...")
		}
	}()
	do()
}
