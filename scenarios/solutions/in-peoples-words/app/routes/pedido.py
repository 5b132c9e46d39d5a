"""
Pedido API.

Endpoints to create, list, read, replace and delete pedidos.
"""

import logging
import sqlite3
from typing import Any

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, Field

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter()


class PedidoIten(BaseModel):
    """One of the itens of a Pedido."""

    descricao: str
    quantidade: int


class PedidoRequest(BaseModel):
    """A Pedido as clients send it."""

    cliente: str
    itens: list[PedidoIten] = Field(default_factory=list)


class PedidoRepository:
    """Reads and writes pedidos."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Keep the connection of one request."""
        self.connection = connection

    def to_dict(self, row: sqlite3.Row) -> dict[str, Any]:
        """Convert a row to a JSON friendly dictionary."""
        connection = self.connection
        item = dict(row)
        rows = connection.execute(
            "SELECT descricao, quantidade FROM pedidos_itens WHERE "
            "pedido_id = ? ORDER BY id",
            (item["id"],),
        ).fetchall()
        item["itens"] = [dict(row) for row in rows]
        return item

    def find_all(self) -> list[dict[str, Any]]:
        """All pedidos, oldest first."""
        rows = self.connection.execute(
            ("SELECT id, cliente FROM pedidos ORDER BY id")
        )
        return [self.to_dict(row) for row in rows.fetchall()]

    def find(self, pedido_id: int) -> dict[str, Any]:
        """One Pedido; raises a 404 when there is none."""
        row = self.connection.execute(
            ("SELECT id, cliente FROM pedidos WHERE id = ?"),
            (pedido_id,),
        ).fetchone()
        if not row:
            logger.warning("Pedido %s does not exist", pedido_id)
            raise HTTPException(404, "Pedido not found")
        return self.to_dict(row)

    def store_details(self, pedido_id: int, payload: PedidoRequest) -> None:
        """Write links and nested rows anew."""
        connection = self.connection
        connection.execute(
            "DELETE FROM pedidos_itens WHERE pedido_id = ?",
            (pedido_id,),
        )
        for row in payload.itens:
            values = row.model_dump(mode="json")
            values["pedido_id"] = pedido_id
            connection.execute(
                "INSERT INTO pedidos_itens (pedido_id, descricao, "
                "quantidade) VALUES (:pedido_id, :descricao, :quantidade)",
                values,
            )

    def add(self, payload: PedidoRequest) -> dict[str, Any]:
        """Insert a Pedido and return it."""
        data = payload.model_dump(mode="json")
        sql = "INSERT INTO pedidos (cliente) VALUES (:cliente)"
        pedido_id = int(self.connection.execute(sql, data).lastrowid or 0)
        self.store_details(pedido_id, payload)
        self.connection.commit()
        logger.info("Pedido %s was created", pedido_id)
        return self.find(pedido_id)

    def replace(
        self, pedido_id: int, payload: PedidoRequest
    ) -> dict[str, Any]:
        """Overwrite a Pedido that exists."""
        self.find(pedido_id)
        data = {**payload.model_dump(mode="json"), "id": pedido_id}
        sql = "UPDATE pedidos SET cliente = :cliente WHERE id = :id"
        self.connection.execute(sql, data)
        self.store_details(pedido_id, payload)
        self.connection.commit()
        logger.info("Pedido %s was replaced", pedido_id)
        return self.find(pedido_id)

    def remove(self, pedido_id: int) -> None:
        """Delete a Pedido that exists."""
        self.find(pedido_id)
        sql = "DELETE FROM pedidos WHERE id = ?"
        try:
            self.connection.execute(sql, (pedido_id,))
        except sqlite3.IntegrityError as exc:
            logger.warning("Pedido %s is still referenced", pedido_id)
            raise HTTPException(409, "Pedido is in use") from exc
        self.connection.commit()
        logger.info("Pedido %s was deleted", pedido_id)


def get_repository(
    connection: sqlite3.Connection = Depends(get_connection),
) -> PedidoRepository:
    """Provide the repository for one request."""
    return PedidoRepository(connection)


@router.post("/pedidos", status_code=201)
def create_pedido(
    payload: PedidoRequest,
    repository: PedidoRepository = Depends(get_repository),
) -> dict[str, Any]:
    """Create a Pedido and return it with its id."""
    return repository.add(payload)


@router.get("/pedidos")
def list_pedidos(
    repository: PedidoRepository = Depends(get_repository),
) -> list[dict[str, Any]]:
    """List every Pedido."""
    return repository.find_all()


@router.get("/pedidos/{pedido_id}")
def read_pedido(
    pedido_id: int,
    repository: PedidoRepository = Depends(get_repository),
) -> dict[str, Any]:
    """Return the Pedido with this id."""
    return repository.find(pedido_id)


@router.put("/pedidos/{pedido_id}")
def replace_pedido(
    pedido_id: int,
    payload: PedidoRequest,
    repository: PedidoRepository = Depends(get_repository),
) -> dict[str, Any]:
    """Replace the Pedido with this id."""
    return repository.replace(pedido_id, payload)


@router.delete("/pedidos/{pedido_id}", status_code=204)
def delete_pedido(
    pedido_id: int,
    repository: PedidoRepository = Depends(get_repository),
) -> None:
    """Delete the Pedido with this id."""
    repository.remove(pedido_id)
