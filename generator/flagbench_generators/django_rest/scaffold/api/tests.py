"""What holds for every collection of the API."""

from django.contrib.auth import get_user_model
from rest_framework import status
from rest_framework.test import APITestCase

from api.urls import router


class CollectionTests(APITestCase):
    """Asks each collection that the router knows."""

    def assert_all_answer(self, code):
        """Every collection answers a GET with this status."""
        self.assertTrue(router.registry)
        for prefix, _, _ in router.registry:
            with self.subTest(prefix):
                answer = self.client.get(f"/api/{prefix}/")
                self.assertEqual(answer.status_code, code)

    def test_nobody_reads_without_a_token(self):
        """A guest gets 401."""
        self.assert_all_answer(status.HTTP_401_UNAUTHORIZED)

    def test_an_account_without_permissions_reads_nothing(self):
        """It gets 403."""
        account = get_user_model().objects.create_user("somebody")
        self.client.force_authenticate(account)
        self.assert_all_answer(status.HTTP_403_FORBIDDEN)

    def test_an_administrator_reads_everything(self):
        """It gets 200."""
        account = get_user_model().objects.create_superuser("administrator")
        self.client.force_authenticate(account)
        self.assert_all_answer(status.HTTP_200_OK)
