"""The HTTP side: `kg.web.front` is the application, `kg.web.pages` makes what people see."""
