package main

import (
	"os"
	"strings"
)

// variablePrefix begins the environment variables of a command, as NOISEPROBE_RUN_ALPHA is that of run -alpha. No other variable of the
// program begins so: the name of a command is followed by an underscore here, and in none of those.
func variablePrefix(command string) string {
	return "NOISEPROBE_" + variableName(command) + "_"
}

func variableName(flag string) string { return strings.ToUpper(strings.ReplaceAll(flag, "-", "_")) }

// fill gives values to the flags that the command line leaves out: from the environment first, then from the file that -config names.
func (f *flags) fill(environ []string) error {
	if len(f.names()) == 0 {
		return nil
	}
	for _, entry := range environ {
		variable, text, _ := strings.Cut(entry, "=")
		name, ours := strings.CutPrefix(variable, variablePrefix(f.Name()))
		if ours && text == "" {
			f.note("$%s is empty, and counts as not given", variable)
		}
		if !ours || text == "" {
			continue
		}
		name = strings.ToLower(strings.ReplaceAll(name, "_", "-"))
		if err := f.take(f.allGiven(), name, text, "$"+variable); err != nil {
			return err
		}
	}
	if f.given("config") {
		return f.fillFromFile(f.Lookup("config").Value.String())
	}
	return nil
}

// forgetVariables keeps the variables of all commands from the processes that this one starts, whose arguments say everything.
func forgetVariables() {
	for _, entry := range os.Environ() {
		variable, _, _ := strings.Cut(entry, "=")
		for _, c := range commands() {
			if strings.HasPrefix(variable, variablePrefix(c.name)) {
				os.Unsetenv(variable)
			}
		}
	}
}
