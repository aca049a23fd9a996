"""Every report by its name, in the order of the index."""

from collections.abc import Mapping

from reports.catalogue.deals import PIPELINE, SALES_CYCLE, STAGE_CONVERSION, WIN_RATE
from reports.catalogue.handoffs import HANDOFF
from reports.catalogue.leads import BY_SOURCE, COHORTS, FUNNEL, LEAD_CONVERSION
from reports.catalogue.quality import DATA_QUALITY
from reports.definitions import Report

REPORTS: Mapping[str, Report] = {
    report.name: report
    for report in (
        FUNNEL,
        LEAD_CONVERSION,
        BY_SOURCE,
        COHORTS,
        HANDOFF,
        STAGE_CONVERSION,
        WIN_RATE,
        SALES_CYCLE,
        PIPELINE,
        DATA_QUALITY,
    )
}
