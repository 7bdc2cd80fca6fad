"""Facts in the past tense and the outbox they leave by."""
