"""The few drawings that the pages use, each with a meaning; 1.75-pixel strokes on a grid of 24."""


def _icon(path: str, size: int = 18) -> str:
    return (
        f'<svg width="{size}" height="{size}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        f'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{path}</svg>'
    )


_RAIL = '<path d="M3 14 13 7h8M7 12v8M15 7.5V20"/>'  # a handrail: two posts, and the rail that rises over them
LOGO = _icon(_RAIL, 22)
BOT = _icon(
    '<rect x="4" y="8" width="16" height="11.500" rx="4"/><path d="M12 4v4"/><path d="M9 13v1.500M15 13v1.500"/>', 16
)
MORE = _icon(
    '<circle cx="5" cy="12" r="1" fill="currentColor"/><circle cx="12" cy="12" r="1" fill="currentColor"/>'
    '<circle cx="19" cy="12" r="1" fill="currentColor"/>'
)
SEND = _icon('<path d="M12 19V5M6 11l6-6 6 6"/>')
ARROW = _icon('<path d="M5 12h14M13 6l6 6-6 6"/>', 16)
BACK = _icon('<path d="M19 12H5M11 18l-6-6 6-6"/>')
LOCK = _icon('<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>', 15)
CLOSE = _icon('<path d="M6 6l12 12M18 6L6 18"/>')
SEARCH = _icon('<circle cx="11" cy="11" r="6.500"/><path d="M16 16l4.500 4.500"/>', 16)
_THUMB = (
    '<path d="M7 10.500v9.500H4.500a1 1 0 0 1-1-1v-7.500a1 1 0 0 1 1-1H7zm0 0 4-7a2.200 2.200 0 0 1 2.200 2.200V9h5.100'
    'a2 2 0 0 1 2 2.300l-1.100 7a2 2 0 0 1-2 1.700H7"/>'
)
UP = _icon(_THUMB, 16)
DOWN = _icon(f'<g transform="rotate(180 12 12)">{_THUMB}</g>', 16)
