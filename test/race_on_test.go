//go:build race

package test

// The program under test is built as the tests are: under the race detector, the servers are too.
var buildFlags, buildEnv = []string{"-race"}, "CGO_ENABLED=1"
