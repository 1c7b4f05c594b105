"""What it costs: prices, discount codes, quotes, orders, invoices and payments (docs/rules/pricing.md)."""
