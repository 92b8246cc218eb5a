// Package test holds the tests of the whole program: real processes on loopback, spoken to through the command line,
// the REST API and DNS, as their users would.
//
// Files: harness_test.go (building the program, servers, the command line, questions), and one file for each story.
package test
