"""E-invoices: what an invoice says, written as Peppol BIS Billing 3, judged by the official rules, and sent on."""
