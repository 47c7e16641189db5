"""How often upper bounds lie below a truth at the line: ours and the customary ones, in one run."""
