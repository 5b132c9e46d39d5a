"""
Invoice API.

Endpoints to create, list, read, replace and delete invoices.
"""

import logging
import sqlite3
from typing import Any

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, Field

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter()


class InvoiceLineItem(BaseModel):
    """One of the line items of a Invoice."""

    description: str
    quantity: int
    unit_price: float


class InvoiceRequest(BaseModel):
    """A Invoice as clients send it."""

    number: str
    line_items: list[InvoiceLineItem] = Field(default_factory=list)


class InvoiceRepository:
    """Reads and writes invoices."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Keep the connection of one request."""
        self.connection = connection

    def to_dict(self, row: sqlite3.Row) -> dict[str, Any]:
        """Convert a row to a JSON friendly dictionary."""
        connection = self.connection
        item = dict(row)
        rows = connection.execute(
            "SELECT description, quantity, unit_price FROM "
            "invoices_line_items WHERE invoice_id = ? ORDER BY id",
            (item["id"],),
        ).fetchall()
        item["line_items"] = [dict(row) for row in rows]
        return item

    def find_all(self) -> list[dict[str, Any]]:
        """All invoices, oldest first."""
        rows = self.connection.execute(
            ("SELECT id, number FROM invoices ORDER BY id")
        )
        return [self.to_dict(row) for row in rows.fetchall()]

    def find(self, invoice_id: int) -> dict[str, Any]:
        """One Invoice; raises a 404 when there is none."""
        row = self.connection.execute(
            ("SELECT id, number FROM invoices WHERE id = ?"),
            (invoice_id,),
        ).fetchone()
        if not row:
            logger.warning("Invoice %s does not exist", invoice_id)
            raise HTTPException(404, "Invoice not found")
        return self.to_dict(row)

    def store_details(self, invoice_id: int, payload: InvoiceRequest) -> None:
        """Write links and nested rows anew."""
        connection = self.connection
        connection.execute(
            "DELETE FROM invoices_line_items WHERE invoice_id = ?",
            (invoice_id,),
        )
        for row in payload.line_items:
            values = row.model_dump(mode="json")
            values["invoice_id"] = invoice_id
            connection.execute(
                "INSERT INTO invoices_line_items (invoice_id, description, "
                "quantity, unit_price) VALUES (:invoice_id, :description, "
                ":quantity, :unit_price)",
                values,
            )

    def add(self, payload: InvoiceRequest) -> dict[str, Any]:
        """Insert a Invoice and return it."""
        data = payload.model_dump(mode="json")
        sql = "INSERT INTO invoices (number) VALUES (:number)"
        invoice_id = int(self.connection.execute(sql, data).lastrowid or 0)
        self.store_details(invoice_id, payload)
        self.connection.commit()
        logger.info("Invoice %s was created", invoice_id)
        return self.find(invoice_id)

    def replace(
        self, invoice_id: int, payload: InvoiceRequest
    ) -> dict[str, Any]:
        """Overwrite a Invoice that exists."""
        self.find(invoice_id)
        data = {**payload.model_dump(mode="json"), "id": invoice_id}
        sql = "UPDATE invoices SET number = :number WHERE id = :id"
        self.connection.execute(sql, data)
        self.store_details(invoice_id, payload)
        self.connection.commit()
        logger.info("Invoice %s was replaced", invoice_id)
        return self.find(invoice_id)

    def remove(self, invoice_id: int) -> None:
        """Delete a Invoice that exists."""
        self.find(invoice_id)
        sql = "DELETE FROM invoices WHERE id = ?"
        try:
            self.connection.execute(sql, (invoice_id,))
        except sqlite3.IntegrityError as exc:
            logger.warning("Invoice %s is still referenced", invoice_id)
            raise HTTPException(409, "Invoice is in use") from exc
        self.connection.commit()
        logger.info("Invoice %s was deleted", invoice_id)


def get_repository(
    connection: sqlite3.Connection = Depends(get_connection),
) -> InvoiceRepository:
    """Provide the repository for one request."""
    return InvoiceRepository(connection)


@router.post("/invoices", status_code=201)
def create_invoice(
    payload: InvoiceRequest,
    repository: InvoiceRepository = Depends(get_repository),
) -> dict[str, Any]:
    """Create a Invoice and return it with its id."""
    return repository.add(payload)


@router.get("/invoices")
def list_invoices(
    repository: InvoiceRepository = Depends(get_repository),
) -> list[dict[str, Any]]:
    """List every Invoice."""
    return repository.find_all()


@router.get("/invoices/{invoice_id}")
def read_invoice(
    invoice_id: int,
    repository: InvoiceRepository = Depends(get_repository),
) -> dict[str, Any]:
    """Return the Invoice with this id."""
    return repository.find(invoice_id)


@router.put("/invoices/{invoice_id}")
def replace_invoice(
    invoice_id: int,
    payload: InvoiceRequest,
    repository: InvoiceRepository = Depends(get_repository),
) -> dict[str, Any]:
    """Replace the Invoice with this id."""
    return repository.replace(invoice_id, payload)


@router.delete("/invoices/{invoice_id}", status_code=204)
def delete_invoice(
    invoice_id: int,
    repository: InvoiceRepository = Depends(get_repository),
) -> None:
    """Delete the Invoice with this id."""
    repository.remove(invoice_id)
