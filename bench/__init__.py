"""Side-by-side benchmarks; each is one make target and writes docs/benchmarks/<name>.json and .md."""
