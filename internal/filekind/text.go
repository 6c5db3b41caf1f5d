package filekind

import "bytes"

// Mark is the byte order mark that editors on Windows put before a text.
const Mark = "\xef\xbb\xbf"

// Text is a text without what editors on Windows put into it: the byte order mark, and the carriage returns at the ends of lines.
func Text(text []byte) []byte {
	return bytes.ReplaceAll(bytes.TrimPrefix(text, []byte(Mark)), []byte("\r\n"), []byte("\n"))
}
