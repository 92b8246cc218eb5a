package test

import "testing"

// A process that took over knows what the one before it had found out: a member that is down does not cost a fresh id, nor
// the first write a wait.
func TestANewProcessWritesUnderTheIDOfTheOneBefore(t *testing.T) {
	a, b := pair(t)
	t.Cleanup(func() { endPID(t, a.pid()) })
	a.run("zone", "import", writeZones(t, map[string]string{"example.com": zoneFile("192.0.2.1")}))
	settled(t, a)
	before := a.identity()
	b.kill()
	a.run("restart")
	a.run("record", "set", "example.com", "www", "300", "A", "192.0.2.2")
	if a.identity() != before {
		t.Error("the id changed although no disk was put back")
	}
}
