"""What is asked: survey templates, their checks, their versions."""
