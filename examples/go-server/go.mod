module example.com/success

go 1.24
