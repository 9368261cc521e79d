"""Locators and gestures of the product's pages; no assertion and no clock here."""
