"""The database must understand Chinese: in a database of LC_CTYPE C, pg_trgm finds no trigram in a Chinese name."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

from linli.kernel.errors import LinliError


def require_chinese(connection: BaseDatabaseWrapper) -> None:
    """Raise LinliError unless the database is UTF-8 with a character type that knows Chinese letters. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datctype, pg_encoding_to_char(encoding), '运' ~ '[[:alpha:]]' FROM pg_database WHERE datname = current_database()"
        )
        character_type, encoding, knows_chinese = cursor.fetchone()
    if encoding == "UTF8" and knows_chinese:
        return
    raise LinliError(
        "registers.database_locale",
        zh="数据库的字符设置不支持中文检索",
        en="The database's character type cannot search Chinese.",
        expected=("编码 UTF8，LC_CTYPE 为 C.UTF-8 或其他 UTF-8 区域", "encoding UTF8, LC_CTYPE C.UTF-8 or another UTF-8 locale"),
        found=(f"编码 {encoding}，LC_CTYPE {character_type}", f"encoding {encoding}, LC_CTYPE {character_type}"),
        remedy_zh="用 initdb --encoding=UTF8 --locale=C.UTF-8 重建数据库",
        remedy_en="create the database anew with initdb --encoding=UTF8 --locale=C.UTF-8",
    )
