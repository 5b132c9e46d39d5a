CREATE TABLE book (id INTEGER PRIMARY KEY, title TEXT, author TEXT);
CREATE TABLE loan (book_id INTEGER REFERENCES book, member TEXT, due DATE, returned DATE);
INSERT INTO book VALUES (1, 'Emma', 'Austen'), (2, 'Persuasion', 'Austen'), (3, 'Dune', 'Herbert');
INSERT INTO loan VALUES (1, 'Ana', '2026-01-10', NULL), (2, 'Ana', '2026-01-05', '2026-01-04'),
  (3, 'Rui', '2026-03-01', NULL);
