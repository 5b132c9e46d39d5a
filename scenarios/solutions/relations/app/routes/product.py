"""Products, their tags and their warehouse, over HTTP."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel

from app.connection import get_connection

router = APIRouter(prefix="/products", tags=["products"])
Connection = Annotated[sqlite3.Connection, Depends(get_connection)]


class ProductIn(BaseModel):
    """A product as clients send it."""

    name: str
    price: float
    description: str | None = None
    warehouse_id: int | None = None
    tag_ids: list[int] = []


class Product(ProductIn):
    """A product as it is stored."""

    id: int


@contextmanager
def saving(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction; refused if it points at what is not there."""
    try:
        with connection:
            yield
    except sqlite3.IntegrityError as error:
        raise HTTPException(
            422, "The warehouse or a tag does not exist"
        ) from error


def link_tags(
    product_id: int, tag_ids: list[int], connection: sqlite3.Connection
) -> None:
    """Give a product these tags and no others."""
    connection.execute(
        "DELETE FROM products_tags WHERE product_id = ?", (product_id,)
    )
    connection.executemany(
        "INSERT INTO products_tags (product_id, tag_id) VALUES (?, ?)",
        [(product_id, tag_id) for tag_id in set(tag_ids)],
    )


def load_product(row: sqlite3.Row, connection: sqlite3.Connection) -> Product:
    """The product of a row, with the tags in the order of their ids."""
    links = connection.execute(
        "SELECT tag_id FROM products_tags WHERE product_id = ?"
        " ORDER BY tag_id",
        (row["id"],),
    )
    return Product(**row, tag_ids=[tag_id for (tag_id,) in links])


@router.post("", status_code=201)
def create_product(body: ProductIn, connection: Connection) -> Product:
    """Store a new product."""
    with saving(connection):
        product_id = connection.execute(
            "INSERT INTO products (name, price, description, warehouse_id)"
            " VALUES (:name, :price, :description, :warehouse_id)",
            body.model_dump(exclude={"tag_ids"}),
        ).lastrowid
        link_tags(product_id, body.tag_ids, connection)
    return read_product(product_id, connection)


@router.get("")
def list_products(connection: Connection) -> list[Product]:
    """All products, the oldest first."""
    rows = connection.execute("SELECT * FROM products ORDER BY id")
    return [load_product(row, connection) for row in rows]


@router.get("/{product_id}")
def read_product(product_id: int, connection: Connection) -> Product:
    """One product."""
    row = connection.execute(
        "SELECT * FROM products WHERE id = ?", (product_id,)
    ).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no product {product_id}")
    return load_product(row, connection)


@router.put("/{product_id}")
def update_product(
    product_id: int, body: ProductIn, connection: Connection
) -> Product:
    """Replace every value of a product, the tags and the warehouse."""
    read_product(product_id, connection)
    with saving(connection):
        connection.execute(
            "UPDATE products SET name = :name, price = :price,"
            " description = :description, warehouse_id = :warehouse_id"
            " WHERE id = :id",
            {**body.model_dump(exclude={"tag_ids"}), "id": product_id},
        )
        link_tags(product_id, body.tag_ids, connection)
    return read_product(product_id, connection)


@router.delete("/{product_id}", status_code=204)
def delete_product(product_id: int, connection: Connection) -> None:
    """Delete a product; the tags and the warehouse stay."""
    read_product(product_id, connection)
    with connection:
        connection.execute("DELETE FROM products WHERE id = ?", (product_id,))
