"""Rows that are only ever added. A correction is a new row; nothing is deleted or overwritten."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model, covariant=True)


class RowIsFixed(RuntimeError):
    """Someone tried to change or delete a row that is only ever added to."""


class AppendOnlyQuerySet(models.QuerySet[M]):
    """Reads and inserts; every way of changing many rows at once is refused."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refused."""
        raise RowIsFixed(f"{self.model.__name__} rows are only added: write a new row instead of update().")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused."""
        raise RowIsFixed(f"{self.model.__name__} rows are only added: write new rows instead of bulk_update().")

    def delete(self) -> NoReturn:
        """Refused."""
        raise RowIsFixed(f"{self.model.__name__} rows are never deleted: strike one through with its reason.")


class FixedRow(models.Model):
    """A row that is inserted once; its own save() and delete() refuse anything else."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; a second save is refused."""
        if not self._state.adding:
            raise RowIsFixed(f"This {type(self).__name__} is already kept and cannot change: write a new one.")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused."""
        raise RowIsFixed(f"A {type(self).__name__} is never deleted.")


class AppendOnly(FixedRow):
    """Base of rows that are inserted once, with a manager that can do nothing else either."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True
