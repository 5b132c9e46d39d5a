"""The application: one schema, one router and one page per entity."""
