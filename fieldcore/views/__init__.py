"""Photographs of one scene from several sides: cameras, readers of scene folders, masks and the visual hull."""
