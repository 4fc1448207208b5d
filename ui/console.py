"""Stub."""
import gradio as gr
from ui.bridge import bridge, page
def build(store, desk):
    return page("Console", "console", bridge({}, lambda r: None), "", "../ui")
