"""What people look at: the page, the data, the lines in the terminal.

Pipeline: dossier → integrity → effects → synthesis → certainty → outlook → verdicts → assessment → [report]

`html.render_html`, `json_document.document`, `terminal.short_answer`, `write.write_text`. Nothing is imported here: a
command that prints twelve lines should not wait for the templates.
"""
