"""The tables of billing, and what the database promises about them (docs/rules/pricing.md, docs/rules/orders.md)."""

from elearn.billing.models.campaigns import (
    ApplicationState,
    Campaign,
    CampaignApplication,
    CampaignPlace,
    DiscountCode,
    DiscountKind,
)
from elearn.billing.models.invoices import Invoice, InvoiceDelivery, InvoiceKind, InvoiceReminder
from elearn.billing.models.orders import BuyerRules, Order, OrderState, PayBy, Quote, TrustedDomain
from elearn.billing.models.payments import Checkout, Dispute, Outcome, Payment, PaymentKind, Refund, StripeEvent
from elearn.billing.models.prices import Price, VatRule
from elearn.billing.models.sellers import Delivery, SeatsFollow, Seller

__all__ = [
    "ApplicationState",
    "BuyerRules",
    "Campaign",
    "CampaignApplication",
    "CampaignPlace",
    "Checkout",
    "Delivery",
    "DiscountCode",
    "DiscountKind",
    "Dispute",
    "Invoice",
    "InvoiceDelivery",
    "InvoiceKind",
    "InvoiceReminder",
    "Order",
    "OrderState",
    "Outcome",
    "PayBy",
    "Payment",
    "PaymentKind",
    "Price",
    "Quote",
    "Refund",
    "SeatsFollow",
    "Seller",
    "StripeEvent",
    "TrustedDomain",
    "VatRule",
]
