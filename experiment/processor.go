package experiment

import (
	"os"
	"runtime"
	"strings"
)

// Processor is the name of this machine's processor: on Linux that of the first core in /proc/cpuinfo. Where there is none,
// as on other systems and most ARM machines, it is the architecture that the program was built for, such as "arm64".
func Processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		if name := modelName(string(text)); name != "" {
			return name
		}
	}
	return runtime.GOARCH
}

// modelName finds the first line "model name : X" and returns X, its runs of spaces shortened.
func modelName(cpuinfo string) string {
	for line := range strings.Lines(cpuinfo) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.Join(strings.Fields(value), " ")
		}
	}
	return ""
}
