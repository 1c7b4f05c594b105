"""Quotes, orders, invoices and payments: what changes them. docs/rules/orders.md tells the rules in prose."""
