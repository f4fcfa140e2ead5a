"""The ledger."""

from django.apps import AppConfig


class StockConfig(AppConfig):
    """Vials, movements, counts, discrepancies."""

    name = "surcease.web.stock"
    label = "stock"

    def ready(self) -> None:
        """Go/no-go asks the ledger about the vial."""
        from surcease.web.stock.vial import seen
        from surcease.web.treatment.vials import ledger_of_vials

        ledger_of_vials(seen)

        from surcease.web.accounts.matrix import LEAD, PHARMACIST
        from surcease.web.stock.panel import balances
        from surcease.web.worklist.day import panel

        panel("stock", roles={PHARMACIST, LEAD}, template="stock/balances_panel.html", read=balances, order=15)
