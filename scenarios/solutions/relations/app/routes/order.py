"""Orders with their lines, over HTTP."""

import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel

from app.connection import get_connection

router = APIRouter(prefix="/orders", tags=["orders"])
Connection = Annotated[sqlite3.Connection, Depends(get_connection)]


class Line(BaseModel):
    """What is ordered, how many of it, and at which price."""

    product_name: str
    quantity: int
    price: float


class OrderIn(BaseModel):
    """An order as clients send it."""

    customer_name: str
    lines: list[Line] = []


class Order(OrderIn):
    """An order as it is stored."""

    id: int


def replace_lines(
    order_id: int, lines: list[Line], connection: sqlite3.Connection
) -> None:
    """Give an order these lines and no others."""
    connection.execute(
        "DELETE FROM orders_lines WHERE order_id = ?", (order_id,)
    )
    connection.executemany(
        "INSERT INTO orders_lines (order_id, product_name, quantity, price)"
        " VALUES (:order_id, :product_name, :quantity, :price)",
        [{**line.model_dump(), "order_id": order_id} for line in lines],
    )


def load_order(row: sqlite3.Row, connection: sqlite3.Connection) -> Order:
    """The order of a row, with the lines as they were entered."""
    lines = connection.execute(
        "SELECT * FROM orders_lines WHERE order_id = ? ORDER BY id",
        (row["id"],),
    )
    return Order(**row, lines=[Line(**line) for line in lines])


@router.post("", status_code=201)
def create_order(body: OrderIn, connection: Connection) -> Order:
    """Store a new order."""
    with connection:
        order_id = connection.execute(
            "INSERT INTO orders (customer_name) VALUES (?)",
            (body.customer_name,),
        ).lastrowid
        replace_lines(order_id, body.lines, connection)
    return read_order(order_id, connection)


@router.get("")
def list_orders(connection: Connection) -> list[Order]:
    """All orders, the oldest first."""
    rows = connection.execute("SELECT * FROM orders ORDER BY id")
    return [load_order(row, connection) for row in rows]


@router.get("/{order_id}")
def read_order(order_id: int, connection: Connection) -> Order:
    """One order."""
    row = connection.execute(
        "SELECT * FROM orders WHERE id = ?", (order_id,)
    ).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no order {order_id}")
    return load_order(row, connection)


@router.put("/{order_id}")
def update_order(
    order_id: int, body: OrderIn, connection: Connection
) -> Order:
    """Replace the customer and all lines of an order."""
    read_order(order_id, connection)
    with connection:
        connection.execute(
            "UPDATE orders SET customer_name = ? WHERE id = ?",
            (body.customer_name, order_id),
        )
        replace_lines(order_id, body.lines, connection)
    return read_order(order_id, connection)


@router.delete("/{order_id}", status_code=204)
def delete_order(order_id: int, connection: Connection) -> None:
    """Delete an order with its lines."""
    read_order(order_id, connection)
    with connection:
        connection.execute("DELETE FROM orders WHERE id = ?", (order_id,))
