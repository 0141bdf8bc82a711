"""The HTTP side: `kg.web.app.create_app` makes an application of what is served."""
