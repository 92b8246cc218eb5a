//go:build !race

package test

var buildFlags, buildEnv = []string{}, "CGO_ENABLED=0"
