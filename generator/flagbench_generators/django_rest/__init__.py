"""`django`: an entity-relationship diagram becomes a Django REST backend."""
