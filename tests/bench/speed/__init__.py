"""The parts of tests/bench/speed.py, which measures newsearch against its peers."""
