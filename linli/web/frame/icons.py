"""The signs of the site, drawn on a 24 × 24 grid in the colour of the text."""

from __future__ import annotations

_STROKE = '<g fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round">{}</g>'


def _line(drawing: str) -> str:
    return _STROKE.format(drawing)


ICONS = {
    "tick": _line('<path d="m4.5 12.5 5 5 10-11"/>'),
    "cross": _line('<path d="m6 6 12 12M18 6 6 18"/>'),
    "dash": _line('<path d="M5 12h14"/>'),
    "dot": '<circle cx="12" cy="12" r="5" fill="currentColor"/>',
    "question": _line('<path d="M8 8.5c0-2.3 1.7-4 4-4s4 1.6 4 3.8c0 3-4 3.2-4 6.4"/><path d="M12 19.5v.2"/>'),
    "info": _line('<circle cx="12" cy="12" r="9"/><path d="M12 11v5.5M12 7.5v.2"/>'),
    "warning": _line('<path d="M12 3.5 22 20H2z"/><path d="M12 10v4.5M12 17.3v.2"/>'),
    "clock": _line('<circle cx="12" cy="12" r="9"/><path d="M12 7v5.5l3.5 2"/>'),
    "pencil": _line('<path d="m4 20 1-4.5L16.5 4 20 7.5 8.5 19z"/>'),
    "search": _line('<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5 5"/>'),
    "arrow": _line('<path d="M4 12h15M13 6l6 6-6 6"/>'),
    "back": _line('<path d="M20 12H5M11 6l-6 6 6 6"/>'),
    "sound": _line('<path d="M4 9.5v5h3.5L12 19V5L7.5 9.5zM15.5 9c1.6 1.8 1.6 4.2 0 6M18.5 6.5c3 3.2 3 7.8 0 11"/>'),
    "print": _line('<path d="M7 9V3.5h10V9M7 17H4V9h16v8h-3M7 14h10v6.5H7z"/>'),
    "download": _line('<path d="M12 4v11M7 10.5l5 5 5-5M4.5 20h15"/>'),
    "phone": _line('<path d="M5 4h4l2 5-2.5 1.8a12 12 0 0 0 4.7 4.7L15 13l5 2v4c0 .6-.4 1-1 1C11 20 4 13 4 5c0-.6.4-1 1-1z"/>'),
    "elder": _line(
        '<circle cx="10" cy="5" r="2.5"/><path d="M10 8.5v6l3 6M10 14.5l-3 6M10 10.5l4.5 3M17 12.5v8M17 12.5c0-1.5 2.5-1.5 2.5 0"/>'
    ),
    "person": _line('<circle cx="12" cy="7.5" r="3.8"/><path d="M4.5 20.5c.6-4.4 3.6-6.5 7.5-6.5s6.9 2.1 7.5 6.5"/>'),
    "child": _line(
        '<circle cx="12" cy="9" r="5"/><path d="M10 8.5v.2M14 8.5v.2M10 '
        '11c1.2 1.1 2.8 1.1 4 0M6.5 20.5c.8-3 2.7-4.5 5.5-4.5s4.7 1.5 5.5 4.5"/>'
    ),
    "wheelchair": _line('<circle cx="10" cy="4" r="1.8"/><path d="M10 8v6h5.5l2.5 5.5 2-1M10 10.5h4.5M8 11.5a5 5 0 1 0 6.5 6.3"/>'),
    "study": _line('<path d="M2.5 9.5 12 5l9.5 4.5L12 14z"/><path d="M6.5 12v4.5c3 2.3 8 2.3 11 0V12M21.5 9.5v5"/>'),
    "work": _line('<path d="M4 8h16v11.5H4zM9 8V5h6v3M4 13h16"/>'),
    "house": _line('<path d="M3.5 11.5 12 4l8.5 7.5M6 10v10h12V10M10 20v-5.5h4V20"/>'),
    "office": _line('<path d="M5 20.5V4h10v16.5M15 10h4.5v10.5M3 20.5h18M8.5 8h3M8.5 12h3M8.5 16h3"/>'),
    "heart": _line(
        '<path d="M12 20C5 15.5 3 12 3 8.8 3 6 5.2 4.5 7.3 4.5c2 0 3.6 1.2 '
        '4.7 3 1.1-1.8 2.7-3 4.7-3C18.8 4.5 21 6 21 8.8c0 3.2-2 6.7-9 11.2z"/>'
    ),
}
