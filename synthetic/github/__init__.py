"""What the steps of this project's workflows run, each ``python -m synthetic.github.STEP``.

``prepare``, ``alive``, ``beat``, ``admit``, ``comment`` and ``decide`` need nothing installed.
"""
