package control

var errTodo = fail(CodeUnavailable, "", "not built yet")
