"""What the ledger holds of people: sealed field by field, read with the desks' keys, held, erased, and handed out."""
