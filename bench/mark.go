package main

import "fmt"

// mark is a bound that the project set itself, and what was measured against it.
type mark struct {
	what     string
	measured float64
	most     float64
	unit     string
}

func (m mark) met() bool { return m.measured <= m.most }

// judge prints the marks and reports whether all are met.
func judge(marks []mark) (met bool) {
	met = true
	fmt.Println()
	for _, m := range marks {
		verdict := "PASS"
		if !m.met() {
			verdict, met = "MISS", false
		}
		fmt.Printf("%s  %s: %.4g %s (at most %.4g)\n", verdict, m.what, m.measured, m.unit, m.most)
	}
	return met
}
