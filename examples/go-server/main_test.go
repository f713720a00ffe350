package main

import (
	"net/http/httptest"
	"testing"
)

func TestAnswers(t *testing.T) {
	for path, want := range map[string]struct {
		status int
		body   string
	}{
		"/":     {200, "Success!"},
		"/else": {404, "404 page not found\n"},
	} {
		answer := httptest.NewRecorder()
		handler().ServeHTTP(answer, httptest.NewRequest("GET", path, nil))
		if answer.Code != want.status || answer.Body.String() != want.body {
			t.Errorf("GET %s: got %d %q, want %d %q", path, answer.Code, answer.Body, want.status, want.body)
		}
	}
}
