"""What insight records: forms of superior organs, their versions, each time one was filled with people, and what was published."""

from __future__ import annotations

from linli.insight.models import Form, FormVersion, Publication
from linli.trace import FactType
from linli.trace.payload import COUNT, TEXT, exactly
from linli.trace.rows import digested

FORM_SAVED = FactType(
    "insight.form_saved",
    version=1,
    schema=exactly(version=COUNT, template=TEXT),
    zh="保存上级报表",
    en="superior's form saved",
)
FORM_ENDED = FactType("insight.form_ended", version=1, schema=exactly(), zh="停用上级报表", en="superior's form ended")
FORM_FILLED = FactType(
    "insight.form_filled",
    version=1,
    schema=exactly(version=COUNT, purpose=TEXT, people=COUNT),
    zh="填写上级报表",
    en="superior's form filled",
)
OPEN_DATA_PUBLISHED = FactType(
    "insight.open_data_published", version=1, schema=exactly(digest=TEXT, rows=COUNT), zh="发布开放数据", en="open data published"
)

digested(Form)
digested(FormVersion)
digested(Publication)
