"""Each guard of the product, taken away on purpose: a test must fall (`make mutations`)."""
